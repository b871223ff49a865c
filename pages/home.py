"""Where do I begin, or go on?"""

from ui import home, uploads
from ui.answer import section, title

title("home")
section("page.home.sample")
uploads.sample_buttons()
section("page.home.bring")
home.bring()
section("page.home.projects")
home.projects()
