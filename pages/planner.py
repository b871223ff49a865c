"""How long must a test run, how small an effect can it see, and who gets which arm?"""

from ui import planner, planner_draw, planner_goal
from ui.answer import title

title("planner")
opened = planner.about()
planner.filters()
goal = planner_goal.chosen()
others = planner_goal.guardrails(goal)
answer = planner.answered(goal, others)
planner.shown(answer, others)
planner.keep(opened, goal, others, answer)
planner.counted(answer)
planner_draw.draw(opened, goal.unit)
