"""Who are the customers of each segment, and which of them should we be after?"""

from journey.charts.personas import personas_chart
from ui import controls, personas
from ui.answer import counted, downloads, need_customers, row, show, title
from ui.ask import ask
from ui.pinning import pin

title("personas")
need_customers()
with row():
    controls.filters()
    settings = personas.settings()
controls.narrowed()
answer = ask("personas", **settings)
show(personas_chart, answer, key="personas")
counted("personas", answer)
taken = downloads("personas", personas.table(answer), personas_chart, answer)
pin("personas", settings, answer, beside=taken)
