"""What do our customers go through, what do we know of it, and what shall become better?"""

from ui import journey_map, journey_map_new
from ui.answer import row

journey_map.heading()
journey_map_new.need_map()
with row():
    shown = journey_map.choose()
    journey_map_new.menu(shown)
journey_map.board(shown)
