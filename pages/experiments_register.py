"""Which tests were there, what was decided, and what was learned?"""

from ui import experiments_register as register
from ui.answer import title

title("experiments_register")
register.need_project()
register.begin()
register.unwritten()
shown = register.chosen()
register.cards(shown)
register.table(shown)
