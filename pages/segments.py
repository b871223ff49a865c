"""Which groups of customers are there, if any, and what are they like?"""

from journey.charts.segments import segments_chart
from ui import controls
from ui.answer import counted, downloads, need_customers, row, show, title
from ui.ask import ask
from ui.clusters import choose, looked_at, profile_table
from ui.pinning import pin

title("segments")
need_customers()
with row():
    controls.filters()
    settings = choose()
    answer = looked_at(ask("segments", **settings))
controls.narrowed()
show(segments_chart, answer, key="segments")
counted("segments", answer)
taken = downloads("segments", profile_table(answer), segments_chart, answer)
pin("segments", settings, answer, beside=taken)
