"use strict";
// Draws every plot of the page from the specification beside it. "ast" has Vega interpret expressions instead of compiling them,
// so that the page's policy needs no eval.
for (const figure of document.querySelectorAll("figure.plot")) {
  const canvas = figure.querySelector(".canvas");
  const specification = JSON.parse(figure.querySelector("script").textContent);
  vegaEmbed(canvas, specification, {
    mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false,
    tooltip: { theme: "page", disableDefaultStyle: true },
  }).then(() => {
    const svg = canvas.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-labelledby", `${figure.id}-title`);
    svg.setAttribute("aria-describedby", `${figure.id}-description`);
  }).catch(error => {
    canvas.textContent = `This plot could not be drawn: ${error.message}`;
  });
}
