// The board of stages in the browser: what Streamlit calls. The files stand in one module, in the order of
// __init__.py: model, parts, queue, drawing, edits, pointer, keyboard, board.

const boards = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = new Keyboard(parentElement)));
  board.receive(data, (parcel) => setStateValue("ops", parcel), (text) => setStateValue("find", text));
  return () => {
    boards.delete(parentElement);
    board.close();
  };
}
