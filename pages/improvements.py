"""What do we do about it, and did it help?"""

from ui.answer import row, title
from ui.improvement_board import board
from ui.improvements import chosen, matrix, need_maps, table

title("improvements")
need_maps()
with row():
    shown = chosen()
board(shown)
matrix(shown)
table(shown)
