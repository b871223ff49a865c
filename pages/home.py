"""Where do I begin, or go on?"""

from ui import home
from ui.answer import title

title("home")
known = home.found()
home.begin(known)
home.projects(known)
