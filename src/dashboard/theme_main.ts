/** Runs before the page is painted: the theme that the person has chosen, where they have. */
const theme = localStorage.getItem("aegis.theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset["theme"] = theme;
