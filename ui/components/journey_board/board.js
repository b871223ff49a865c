// The journey map in the browser: what Streamlit calls. The files stand in one module, in the order of
// __init__.py, behind those of board_queue.

const maps = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component;
  let map = maps.get(parentElement);
  if (!map) maps.set(parentElement, (map = new Clipboard(parentElement)));
  map.tell = (name, value) => setTriggerValue(name, value);
  map.receive(bare(data), (parcel) => setStateValue("ops", parcel));
  return () => {
    maps.delete(parentElement);
    map.close();
  };
}
