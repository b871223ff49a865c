"""Which segments does the team keep, how large are they, and whom do they share?"""

from ui import controls, overlap
from ui.answer import counted, downloads, need_customers, row, show, title
from ui.ask import ask
from ui.pinning import pin
from ui.rule_builder import builder

title("overlap")
need_customers()
builder()
overlap.shelf()
with row():
    controls.filters()
    settings = overlap.chosen()
    chart = overlap.picture()
controls.narrowed()
answer = ask("overlap", **settings)
overlap.unpick_lost(answer, settings)
show(chart, answer, key="overlap", clickable=True)
overlap.panel(answer, settings)
counted("overlap", answer)
taken = downloads("overlap", overlap.tables(answer, chart), chart, answer)
pin("overlap", settings, answer, beside=taken, picture=chart)
