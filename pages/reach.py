"""How many customers come to each stage, and how many end there?"""

from journey.charts.reach import reach_chart
from ui import controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("reach")
need_log()
with row():
    controls.filters()
    settings = controls.unit()
controls.narrowed()
answer = ask("reach", **settings)
show(reach_chart, answer, key="reach")
counted("reach", answer)
taken = downloads("reach", answer.table, reach_chart, answer)
pin("reach", settings, answer, beside=taken)
