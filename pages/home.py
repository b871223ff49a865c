"""Where do I begin, or go on?"""

from ui import home, opening
from ui.answer import section, title

title("home")
section("page.home.sample")
opening.sample_buttons()
section("page.home.bring")
home.bring()
section("page.home.projects")
home.projects()
