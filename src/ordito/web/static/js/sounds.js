// Two sounds, made on the spot: a short high tick for right, a low buzz for wrong.

let audio = null;

function play(shape, pitches, length) {
  // Before the first press or scan a browser makes no sound, and complains when asked to.
  if (!navigator.userActivation?.hasBeenActive) return;
  if (!window.AudioContext || document.body.dataset.silent !== undefined) return;
  audio ??= new AudioContext();
  audio.resume();
  const start = audio.currentTime;
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.25, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + length);
  volume.connect(audio.destination);
  const voice = audio.createOscillator();
  voice.type = shape;
  pitches.forEach((pitch, at) => voice.frequency.setValueAtTime(pitch, start + (at * length) / pitches.length));
  voice.connect(volume);
  voice.start(start);
  voice.stop(start + length);
}

export const tick = () => play("sine", [1320, 1760], 0.12);
export const buzz = () => play("sawtooth", [160, 120], 0.4);
