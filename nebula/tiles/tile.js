// Turns tiles into buttons that play their sound: one is heard at a time, a line in its picture shows where, Escape ends
// it, arrow keys lead to the next one and play it, and a link keeps it as a file.

(() => {
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  let heard = null;

  for (const place of document.querySelectorAll(".sound-tile")) equip(place);

  function equip(place) {
    const [shown, audio] = place.children;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tile";
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-labelledby", audio.getAttribute("aria-labelledby"));
    const icon = document.createElement("span");
    icon.className = "icon";
    const line = document.createElement("span");
    line.className = "line";
    line.hidden = true;
    const [picture, label] = shown.children;
    picture.append(line);
    button.append(picture, icon, label);
    shown.replaceWith(button);

    const file = document.createElement("a");
    file.className = "file";
    file.href = audio.src;
    file.download = `${label.textContent.replace(/[\\/:*?"<>|]/g, "-").replace(/\.[^.]{1,4}$/, "")}.flac`;
    file.textContent = "FLAC";
    file.setAttribute("aria-label", `Download ${label.textContent}, as FLAC`);
    place.append(file);

    audio.removeAttribute("controls");
    const follow = () => {
      line.style.left = `${(100 * audio.currentTime) / (audio.duration || 1)}%`;
      if (!audio.paused) requestAnimationFrame(follow);
    };
    audio.addEventListener("play", () => {
      if (heard !== null && heard !== audio) heard.pause();
      heard = audio;
      button.setAttribute("aria-pressed", "true");
      line.hidden = false;
      follow();
    });
    audio.addEventListener("pause", () => {
      button.setAttribute("aria-pressed", "false");
      line.hidden = true;
    });
    button.addEventListener("click", () => {
      if (!audio.paused) return audio.pause();
      audio.currentTime = 0;
      return audio.play();
    });
    button.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      const plays = [...place.parentElement.querySelectorAll("button.tile")];
      event.preventDefault();
      const next = plays[plays.indexOf(button) + step];
      next?.focus();
      next?.click();
    });
  }

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") heard?.pause();
  });
})();
