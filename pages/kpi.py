"""How is it going, against the time before and against what we are after?"""

from journey.charts.kpi import kpi_chart
from ui import controls, kpi
from ui.answer import counted, downloads, need_log, row, title
from ui.ask import ask
from ui.pinning import pin

title("kpi")
need_log()
kpi.goal()
with row():
    controls.filters()
    settings = kpi.settings()
controls.narrowed()
answer = ask("kpi", **settings)
kpi.board(answer)
counted("kpi", answer)
taken = downloads("kpi", kpi.table(answer), kpi_chart, answer)
pin("kpi", settings, answer, beside=taken)
