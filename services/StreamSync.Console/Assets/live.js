// Renews the parts of a page that have an id, without moving focus or scroll. Pages work without it.
const main = document.querySelector("main[data-live]");
if (main) {
  const renew = async () => {
    if (document.visibilityState === "visible") {
      try {
        const response = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (response.ok) {
          const page = new DOMParser().parseFromString(await response.text(), "text/html");
          const next = page.querySelector("main");
          const parts = [...main.querySelectorAll("[id]")].filter((part) => !part.parentElement.closest("main [id]"));
          const ids = (root) => [...root.querySelectorAll("[id]")].map((part) => part.id).join(" ");
          if (next && ids(next) !== ids(main) && !main.contains(document.activeElement)) {
            main.replaceChildren(...next.childNodes);
          } else {
            for (const part of parts) {
              const fresh = page.getElementById(part.id);
              if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
                fresh.open = part.open; // Of a details element: what the reader unfolded stays so.
                part.replaceWith(fresh);
              }
            }
          }
        }
      } catch {
        // The process may be restarting; the next round tries again.
      }
    }
    setTimeout(renew, Number(main.dataset.live) * 1000);
  };
  setTimeout(renew, Number(main.dataset.live) * 1000);
}
const statement = document.querySelector("textarea#q");
statement?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    statement.form.requestSubmit();
  }
});
