"""What do those who get there have in common before they do?"""

from journey.charts.drivers import drivers_chart
from ui import controls, drivers
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("drivers")
need_log()
with row():
    controls.filters()
    settings = drivers.chosen()
controls.narrowed()
answer = ask("drivers", **settings)
drivers.unpick_lost(answer)
show(drivers_chart, answer, key="drivers", clickable=drivers.can_be_picked(answer))
drivers.people(answer, settings)
drivers.left_out(answer)
counted("drivers", answer)
taken = downloads("drivers", answer.table, drivers_chart, answer)
pin("drivers", settings, answer, beside=taken)
