"""Who are the customers of each segment, and which of them should we be after?"""

from journey.charts.personas import personas_chart
from ui import controls, persona_cards, personas
from ui.answer import counted, downloads, need_customers, row, title
from ui.ask import ask
from ui.pinning import pin

title("personas")
need_customers()
with row():
    controls.filters()
    chosen = personas.chosen()
controls.narrowed()
answer = ask("personas", **chosen.settings)
persona_cards.gallery(answer, chosen)
counted("personas", answer)
taken = downloads("personas", personas.table(answer), personas_chart, answer)
pin("personas", chosen.plain, answer, beside=taken)
