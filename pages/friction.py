"""Where do customers get stuck, how many, and why?"""

from journey.charts.friction import friction_chart
from ui import controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.friction import reasons, settings, who
from ui.pinning import pin

title("friction")
need_log()
with row():
    controls.filters()
    chosen = settings()
controls.narrowed()
answer = ask("friction", **chosen)
show(friction_chart, answer, key="friction")
reasons(answer)
who(answer)
counted("friction", answer)
taken = downloads("friction", answer.table, friction_chart, answer)
pin("friction", chosen, answer, beside=taken)
