// Laid into the page before its scripts: writes down what both videos show, and what the player says it drew.
// Laid in twice, it counts once.
if (!window.probe) lay();
function lay() {
  window.probe = { frames: [], drawn: [], loops: 0 };
  const create = document.createElement.bind(document);
  document.createElement = (name, ...rest) => {
    const element = create(name, ...rest);
    if (name === "video") watch(element);
    return element;
  };
  function watch(video) {
    const shown = (_, { mediaTime }) => {
      video.shownS = mediaTime;
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  }
  const side = (video) => video && { s: video.currentTime, runs: !video.paused && !video.seeking, shownS: video.shownS ?? null };
  const onStage = (name) => document.querySelector(`.player__video--${name}`) ?? undefined;
  document.addEventListener("player:drawn", ({ detail }) => {
    const [guide, me] = ["guide", "me"].map((name) => side(onStage(name)));
    probe.drawn.push({ atMs: performance.now(), ...detail, pictures: { guide: guide?.shownS, me: me?.shownS } });
    probe.frames.push({ atMs: performance.now(), guide, me });
  }, true);
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => {
    probe.loops += 1;
    return request(callback);
  };
}
