"""Who comes back, and who stays away?"""

from journey.charts.retention import retention_chart
from ui import controls, retention, retention_people
from ui.answer import counted, downloads, need_log, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("retention")
need_log()
view = retention.chosen_view()
with row():
    controls.filters()
    settings = retention.settings(view)
controls.narrowed()
answer = ask("retention", **settings)
retention_people.unpick_lost(answer)
show(retention_chart, answer, key="retention", clickable=True)
retention_people.panel(answer, settings)
counted("retention", answer)
taken = downloads("retention", answer.table, retention_chart, answer)
pin("retention", settings, answer, beside=taken)
