"""Which arm of an experiment does better, and how sure is that?"""

from ui import controls, experiment
from ui.answer import counted, downloads, need_experiments, row, title
from ui.ask import ask
from ui.pinning import pin

title("experiment")
need_experiments()
with row():
    controls.filters()
    chart = experiment.picture()
controls.narrowed()
answer = ask("experiment")
experiment.result(chart, answer)
counted("experiment", answer)
taken = downloads("experiment", experiment.table(answer), chart, answer)
pin("experiment", {}, answer, beside=taken)
