"""Who buys lately, often and for much, and who is drifting away?"""

from journey.charts.rfm import rfm_chart
from ui import controls, rfm, rfm_groups, rfm_people
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("rfm")
need_log()
view = rfm.chosen_view()
with row():
    controls.filters()
    settings = rfm.settings(view)
    rfm_groups.editor(settings)
controls.narrowed()
answer = ask("rfm", **settings)
rfm_people.unpick_lost(answer)
show(rfm_chart, answer, key="rfm", clickable=True)
rfm_people.panel(answer, settings)
counted("rfm", answer)
taken = downloads("rfm", answer.table, rfm_chart, answer)
pin("rfm", settings, answer, beside=taken)
