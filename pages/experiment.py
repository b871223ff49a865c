"""Which arm of an experiment does better, and how sure is that?"""

from ui import (
    controls,
    experiment,
    experiment_chosen,
    experiment_closer,
    experiment_decision,
    experiment_journeys,
    experiment_people,
)
from ui.answer import counted, downloads, need_experiments, row, title
from ui.ask import ask
from ui.pinning import pin

title("experiment")
need_experiments()
tests = experiment_chosen.need_tests()
with row():
    test = experiment_chosen.choose(tests)
    controls.filters()
    chart = experiment.picture()
    settings = experiment.settings(test)
controls.narrowed()
answer = experiment.judged(ask("experiment", **settings), settings)
experiment_chosen.heading(test, answer)
experiment.result(chart, answer, test)
experiment_people.panel(answer)
experiment_closer.closer(answer)
experiment_journeys.journeys(test)
experiment_decision.decision(answer, test, settings["baseline"])
counted("experiment", answer)
taken = downloads("experiment", experiment.table(answer), chart, answer)
pin("experiment", settings, answer, beside=taken)
