"""Which whole journeys are the most common?"""

from journey.charts.routes import routes_chart
from ui import controls
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("routes")
need_log()
with row():
    controls.filters()
    settings = controls.unit()
controls.narrowed()
answer = ask("routes", **settings)
show(routes_chart, answer, key="routes")
counted("routes", answer)
taken = downloads("routes", answer.table, routes_chart, answer)
pin("routes", settings, answer, beside=taken)
