"""What was found, in the order in which it is told?"""

from ui.answer import title
from ui.notebook import book, toolbar

title("notebook")
toolbar()
book()
