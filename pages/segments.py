"""Which groups of customers are there, if any, and what are they like?"""

from ui import clusters, clusters_naming, clusters_people, clusters_saved, controls
from ui.answer import counted, downloads, need_customers, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("segments")
need_customers()
with row():
    controls.filters()
    settings = clusters.choose()
    answer = clusters.looked_at(ask("segments", **settings))
controls.narrowed()
clusters.verdict(answer)
chart = clusters.chart_of(answer)
clusters_people.unpick_lost(answer)
show(chart, answer, key="segments", clickable=True)
clusters_people.panel(answer)
clusters_people.odd_ones(answer)
clusters.prepared(answer)
clusters_naming.naming(answer)
clusters_saved.shelf()
counted("segments", answer)
taken = downloads("segments", clusters.profile_table(answer), chart, answer)
pin("segments", {**settings, "k": answer.k}, answer, beside=taken, picture=chart)
