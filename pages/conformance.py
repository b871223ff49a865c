"""Do customers go the way that was designed, where do they leave it, and what goes with that?"""

from journey.charts.conformance import conformance_chart
from ui import controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.conformance import deviations, settings, steps, who
from ui.pinning import pin

title("conformance")
need_log()
designed = steps()
with row():
    controls.filters()
    chosen = settings(designed)
controls.narrowed()
answer = ask("conformance", **chosen)
show(conformance_chart, answer, key="conformance")
deviations(answer)
who(answer)
counted("conformance", answer)
taken = downloads("conformance", answer.table, conformance_chart, answer)
pin("conformance", chosen, answer, beside=taken)
