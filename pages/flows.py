"""Which ways do customers take, and where do they leave?"""

from journey.charts.flows import flows_chart
from ui import controls
from ui.answer import downloads, need_log, show, title
from ui.ask import ask
from ui.people import panel

title("flows")
need_log()
controls.filters()
settings = controls.flow()
answer = ask("flows", **settings)
picked = show(flows_chart, answer, key="flows", clickable=True)
panel(answer, picked, settings)
downloads("flows", answer.table, flows_chart, answer)
