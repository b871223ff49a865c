"""Where do two groups of customers go different ways?"""

from ui import arms, controls, groups
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("comparison")
need_log()
with row():
    controls.filters()
    settings = groups.chooser("comparison")
    settings |= controls.unit()
    chart = groups.picture("comparison")
controls.narrowed()
arms.told(settings)
answer = ask("comparison", **settings)
show(chart, answer, key="comparison", clickable=True)
groups.remarks(answer, settings)
groups.who("comparison", answer, settings)
groups.at_a_glance("comparison", answer, settings)
counted("comparison", answer)
taken = downloads("comparison", answer.table, chart, answer)
pin("comparison", settings, answer, beside=taken, picture=chart)
