// The map of trips on a vehicle's page: depots, tracks, and the trip that is picked in the table.
// It draws what #map-data holds and asks no other server, unless the data names one for tiles.

import {
  LngLatBounds,
  Map,
  Marker,
  NavigationControl,
  ScaleControl,
} from "./vendor/maplibre-gl/maplibre-gl.mjs";

const GROUND = "#e9efec";
const GRID = "#dbe4df";
const TRACK = "#0b4f5c";
const PICKED = "#c2410c";
const GRID_DEG = [0.016, 0.009]; // about a kilometre each way in Denmark

const frame = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const rows = [...document.querySelectorAll("tr[data-trip]")];
const buttons = [...document.querySelectorAll("button[data-pick]")];

function line(coordinates, id) {
  return { type: "Feature", id, properties: {}, geometry: { type: "LineString", coordinates } };
}

function collection(features) {
  return { type: "FeatureCollection", features };
}

function boundsOf(trips) {
  const bounds = new LngLatBounds();
  for (const trip of trips) {
    for (const point of trip.track) bounds.extend(point);
  }
  return bounds;
}

// Lines a kilometre apart, wide around the trips: a sense of scale where there are no tiles.
function grid(bounds) {
  const [stepLon, stepLat] = GRID_DEG;
  const reach = 60;
  const lon = Math.round(bounds.getCenter().lng / stepLon);
  const lat = Math.round(bounds.getCenter().lat / stepLat);
  const lines = [];
  for (let i = -reach; i <= reach; i++) {
    const x = (lon + i) * stepLon;
    const y = (lat + i) * stepLat;
    lines.push(line([[x, (lat - reach) * stepLat], [x, (lat + reach) * stepLat]]));
    lines.push(line([[(lon - reach) * stepLon, y], [(lon + reach) * stepLon, y]]));
  }
  return collection(lines);
}

function style(bounds) {
  const picked = ["boolean", ["feature-state", "picked"], false];
  const ends = data.trips.flatMap(({ track }) =>
    [track[0], track[track.length - 1]].map((coordinates) => ({
      type: "Feature",
      properties: {},
      geometry: { type: "Point", coordinates },
    })),
  );
  const round = { "line-cap": "round", "line-join": "round" };
  const sources = {
    tracks: { type: "geojson", data: collection(data.trips.map((t, i) => line(t.track, i))) },
    ends: { type: "geojson", data: collection(ends) },
    picked: { type: "geojson", data: collection([]) },
  };
  const layers = [{ id: "ground", type: "background", paint: { "background-color": GROUND } }];
  if (data.tiles) {
    const tiles = new URL(data.tiles, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}");
    sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256 };
    layers.push({
      id: "tiles",
      type: "raster",
      source: "tiles",
      paint: { "raster-saturation": -0.6, "raster-opacity": 0.8 },
    });
  } else {
    sources.grid = { type: "geojson", data: grid(bounds) };
    layers.push({ id: "grid", type: "line", source: "grid", paint: { "line-color": GRID } });
  }
  layers.push(
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
  );
  return { version: 8, sources, layers };
}

function label(className, text, lngLat, map) {
  const element = document.createElement("div");
  element.className = className;
  element.textContent = text;
  return new Marker({ element, anchor: "left" }).setLngLat(lngLat).addTo(map);
}

function draw() {
  const bounds = boundsOf(data.trips);
  const words = frame.dataset;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new Map({
    container: frame,
    style: style(bounds),
    bounds,
    fitBoundsOptions: { padding: 48, maxZoom: 15 },
    attributionControl: false,
    cooperativeGestures: true, // one finger and the plain wheel scroll the page, not the map
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: {
      "Map.Title": words.title,
      "NavigationControl.ZoomIn": words.zoomIn,
      "NavigationControl.ZoomOut": words.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": words.wheelHelp,
      "CooperativeGesturesHandler.MacHelpText": words.wheelHelpMac,
      "CooperativeGesturesHandler.MobileHelpText": words.touchHelp,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
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
      map.fitBounds(bounds, { padding: 48, maxZoom: 15, animate: !still });
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

try {
  draw();
} catch (error) {
  // No WebGL. The table beside the map holds the same trips.
  console.warn(error);
  frame.hidden = true;
  document.querySelector(".map-failed").hidden = false;
}
