"""How many get from step to step, and where are they lost?"""

from journey.charts.funnel import funnel_chart
from ui import arms, controls, funnel
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("funnel")
need_log()
steps = funnel.steps_of()
with row():
    controls.filters()
    settings = funnel.controls_of(steps)
controls.narrowed()
arms.told(settings)
answer = ask("funnel", **settings)
funnel.unpick_lost(answer)
show(funnel_chart, answer, key="funnel", clickable=True)
funnel.panel(answer, settings)
funnel.details(answer, settings)
counted("funnel", answer)
taken = downloads("funnel", answer.table, funnel_chart, answer)
pin("funnel", settings, answer, beside=taken)
