// One EventSource for all tabs of a browser: with HTTP/1.1 a browser opens six connections to a
// server, and six tabs with a stream each would leave none to load anything with.

const RETRY_MS = 5000;
const ports = new Set();
let source = null;
let opened = false;
let state = { state: "connecting" };

function tell(message) {
  if (message.state) state = { state: message.state };
  ports.forEach((port) => port.postMessage(message));
}

function open(url) {
  source = new EventSource(url);
  source.onopen = () => { tell({ state: "live", again: opened }); opened = true; };
  source.addEventListener("changed", (event) => tell({ changed: JSON.parse(event.data) }));
  source.onerror = () => {
    tell({ state: "lost" });
    // Closed for good: the session ended or the server said no. Ask again, but seldom.
    if (source?.readyState === EventSource.CLOSED) {
      setTimeout(() => { if (ports.size) open(url); else source = null; }, RETRY_MS);
    }
  };
}

function close(port) {
  ports.delete(port);
  if (ports.size || !source) return;
  source.close();
  source = null;
  opened = false;
}

self.onconnect = (event) => {
  const [port] = event.ports;
  port.onmessage = ({ data }) => {
    if (data.close) {
      close(port);
    } else if (data.open) {
      ports.add(port);
      if (source) port.postMessage(state);
      else open(data.open);
    }
  };
};
