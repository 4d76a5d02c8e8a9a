// The map of trips on a vehicle's page: depots, tracks, and the trip that is picked in the table.
// It draws what #map-data holds and asks no other server, unless the data names one for tiles.

import { LngLatBounds } from "./vendor/maplibre-gl/maplibre-gl.mjs";
import { collection, feature, groundMap, label, line, orTable, padding } from "./ground.js";

const TRACK = "#0b4f5c";
const PICKED = "#c2410c";

const frame = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const rows = [...document.querySelectorAll("tr[data-trip]")];
const buttons = [...document.querySelectorAll("button[data-pick]")];

function boundsOf(trips) {
  const bounds = new LngLatBounds();
  for (const trip of trips) {
    for (const point of trip.track) bounds.extend(point);
  }
  return bounds;
}

function draw() {
  const bounds = boundsOf(data.trips);
  const words = frame.dataset;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const picked = ["boolean", ["feature-state", "picked"], false];
  const points = data.trips.flatMap(({ track }) =>
    [track[0], track[track.length - 1]].map((coordinates) =>
      feature({ type: "Point", coordinates }),
    ),
  );
  const round = { "line-cap": "round", "line-join": "round" };
  const sources = {
    tracks: { type: "geojson", data: collection(data.trips.map((t, i) => line(t.track, i))) },
    ends: { type: "geojson", data: collection(points) },
    picked: { type: "geojson", data: collection([]) },
  };
  const layers = [
    {
      id: "tracks-edge",
      type: "line",
      source: "tracks",
      layout: round,
      paint: { "line-color": "#fff", "line-width": 6 },
    },
    {
      id: "tracks",
      type: "line",
      source: "tracks",
      layout: round,
      paint: { "line-color": TRACK, "line-width": 3, "line-opacity": ["case", picked, 0, 0.75] },
    },
    {
      id: "ends",
      type: "circle",
      source: "ends",
      paint: {
        "circle-radius": 3.5,
        "circle-color": "#fff",
        "circle-stroke-color": TRACK,
        "circle-stroke-width": 2,
      },
    },
    {
      id: "picked-edge",
      type: "line",
      source: "picked",
      layout: round,
      paint: { "line-color": "#fff", "line-width": 9 },
    },
    {
      id: "picked",
      type: "line",
      source: "picked",
      layout: round,
      paint: { "line-color": PICKED, "line-width": 5 },
    },
  ];
  const map = groundMap(frame, data.tiles, bounds, sources, layers);
  for (const depot of data.depots) label("map-depot", depot.name, [depot.lon, depot.lat], map);

  let ends = [];
  let current = null;

  function pick(index) {
    current = index === current ? null : index;
    for (const marker of ends) marker.remove();
    ends = [];
    rows.forEach((row, i) => row.classList.toggle("picked", i === current));
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === current)));
    map.removeFeatureState({ source: "tracks" });
    if (current === null) {
      map.getSource("picked").setData(collection([]));
      map.fitBounds(bounds, { padding: padding(frame), maxZoom: 15, animate: !still });
      return;
    }
    const { track } = data.trips[current];
    map.setFeatureState({ source: "tracks", id: current }, { picked: true });
    map.getSource("picked").setData(collection([line(track)]));
    ends = [
      label("map-end map-end-start", words.start, track[0], map),
      label("map-end", words.end, track[track.length - 1], map),
    ];
    map.fitBounds(boundsOf([data.trips[current]]), { padding: 64, maxZoom: 15, animate: !still });
  }

  map.on("load", () => {
    for (const button of buttons) {
      button.addEventListener("click", () => pick(Number(button.dataset.pick)));
    }
    map.on("click", "tracks-edge", (event) => pick(event.features[0].id));
    map.on("mouseenter", "tracks-edge", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "tracks-edge", () => (map.getCanvas().style.cursor = ""));
    frame.dataset.ready = "true";
  });
}

orTable(frame, draw);
