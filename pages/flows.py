"""Which ways do customers take, and where do they leave?"""

from journey.charts.flows import flows_chart
from ui import controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.people import panel, unpick_lost
from ui.pinning import pin

title("flows")
need_log()
with row():
    controls.filters()
    settings = controls.flow()
controls.narrowed()
answer = ask("flows", **settings)
unpick_lost(answer)
show(flows_chart, answer, key="flows", clickable=True)
panel(answer, settings)
counted("flows", answer)
taken = downloads("flows", answer.links, flows_chart, answer)
pin("flows", settings, answer, beside=taken)
