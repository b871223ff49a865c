"""Which ways do customers take, and where do they leave?"""

from ui import arms, controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.flow_controls import chart, flow
from ui.flow_multiples import coverage, multiples
from ui.people import panel, unpick_lost
from ui.pinning import pin

title("flows")
need_log()
with row():
    controls.filters()
    settings = flow()
controls.narrowed()
arms.told(settings)
answer = ask("flows", **settings)
unpick_lost(answer)
show(chart(), answer, key="flows", clickable=True)
coverage(answer)
panel(answer, settings)
multiples(settings)
counted("flows", answer)
taken = downloads("flows", answer.links, chart(), answer)
pin("flows", settings, answer, beside=taken)
