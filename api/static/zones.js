// The map of zones: what is there, what is proposed, and what the form says, which is drawn as soon
// as it has a middle or corners. A click puts the middle into the form, or one more corner. It asks no
// other server, unless the data names one for tiles.

import { LngLatBounds } from "./vendor/maplibre-gl/maplibre-gl.mjs";
import { collection, feature, groundMap, label, orTable } from "./ground.js";

const KNOWN = "#0b4f5c";
const PROPOSED = "#b45309";
const DRAFT = "#c2410c";
const M_PER_DEG = 111195;
const RADIUS_M = 150; // drawn while the field has no number
const START_DEG = [0.13, 0.07]; // how far the map reaches each way while it has nothing to show

const frame = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const shapeField = document.getElementById("shape");
const centreField = document.getElementById("centre");
// The half width of a shape from which on its name has room within it.
const EDGE_MAX_PX = 60;

const radiusField = document.getElementById("radius_m");
const buttons = [...document.querySelectorAll("button[data-draw]")];

function circle([lon, lat], radius) {
  const wide = M_PER_DEG * Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: 65 }, (_, i) => {
    const turn = (i * Math.PI) / 32;
    return [lon + (radius * Math.cos(turn)) / wide, lat + (radius * Math.sin(turn)) / M_PER_DEG];
  });
  return { type: "Polygon", coordinates: [ring] };
}

function outline(geometry, radius) {
  return geometry.type === "Point" ? circle(geometry.coordinates, radius) : geometry;
}

function middle() {
  const coordinates = centre();
  return shapes(coordinates ? [{ type: "Point", coordinates }] : []);
}

function shapes(geometries) {
  return collection(geometries.map((geometry) => feature(geometry)));
}

// The middle in the form, [lon, lat]. Forms of writing that only the server reads are not drawn.
function centre() {
  if (!centreField) return null; // who may not change zones has no form
  const found = centreField.value.match(/-?\d+(?:[.,]\d+)?/g)?.map((one) => Number(one.replace(",", ".")));
  if (found?.length !== 2 || /[a-zøåæ°]/i.test(centreField.value)) return null;
  const [lat, lon] = found;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

function draft() {
  const middle = centre();
  if (middle) {
    const radius = Math.abs(Number(radiusField.value.replace(",", "."))) || RADIUS_M;
    // One that is refused may be wider than the earth.
    return circle(middle, Math.min(radius, data.radius_max_m));
  }
  if (!shapeField) return null;
  try {
    const ring = JSON.parse(shapeField.value).coordinates[0];
    return { type: "LineString", coordinates: [...ring, ring[0]] };
  } catch {
    return null; // nothing is drawn yet, or what is typed is not finished
  }
}

function pointsOf(geometry) {
  return geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates[0];
}

function draw() {
  const known = data.zones.map((zone) => outline(zone.geometry, zone.radius_m));
  const proposed = data.proposed.map((place) => circle([place.lon, place.lat], place.radius_m));
  const first = draft();
  const bounds = new LngLatBounds();
  // What is being changed or made is shown; else all there is, the municipality, or Denmark.
  for (const geometry of first ? [first] : [...known, ...proposed]) {
    for (const point of pointsOf(geometry)) bounds.extend(point);
  }
  if (bounds.isEmpty() && data.start) {
    const [lat, lon] = data.start;
    const [east, north] = START_DEG;
    bounds.extend([lon - east, lat - north]).extend([lon + east, lat + north]);
  }
  if (bounds.isEmpty()) bounds.extend([8, 54.5]).extend([13, 57.8]);
  const sources = {
    known: { type: "geojson", data: shapes(known) },
    proposed: { type: "geojson", data: shapes(proposed) },
    draft: { type: "geojson", data: shapes(first ? [first] : []) },
    middle: { type: "geojson", data: middle() },
  };
  const layers = [];
  for (const [source, colour] of Object.entries({ known: KNOWN, proposed: PROPOSED })) {
    layers.push({ id: `${source}-fill`, type: "fill", source, paint: { "fill-color": colour, "fill-opacity": 0.18 } });
    layers.push({ id: `${source}-line`, type: "line", source, paint: { "line-color": colour, "line-width": 2 } });
  }
  layers.push({ id: "draft-fill", type: "fill", source: "draft", paint: { "fill-color": DRAFT, "fill-opacity": 0.15 } });
  layers.push({ id: "draft", type: "line", source: "draft", paint: { "line-color": DRAFT, "line-width": 3 } });
  layers.push({ id: "middle", type: "circle", source: "middle", paint: { "circle-color": DRAFT, "circle-radius": 4 } });
  const map = groundMap(frame, data.tiles, bounds, sources, layers);
  data.zones.forEach((zone, i) => {
    const at = zone.geometry.type === "Point" ? zone.geometry.coordinates : known[i].coordinates[0][0];
    besideShape(label("map-depot", zone.name, at, map), known[i], map);
  });
  data.proposed.forEach((place, i) => {
    besideShape(label("map-proposed", place.name, [place.lon, place.lat], map), proposed[i], map);
  });
  if (shapeField) drawInto(map);
  else map.on("load", () => (frame.dataset.ready = "true"));
}

// Keeps a name beside the line around its shape; one in a shape that is far wider stands in it.
function besideShape(marker, shape, map) {
  const at = marker.getLngLat();
  const east = Math.max(...shape.coordinates[0].map(([lon]) => lon));
  const place = () => {
    const edge = map.project([east, at.lat]).x - map.project(at).x;
    const room = edge < EDGE_MAX_PX ? Math.max(edge, 0) : 0;
    marker.getElement().style.setProperty("--edge", `${room}px`);
  };
  map.on("zoom", place);
  place();
}

// Lets a person draw what the form says.
function drawInto(map) {
  let mode = null;
  let points = [];

  function show() {
    const shape = draft();
    map.getSource("draft").setData(shapes(shape ? [shape] : []));
    map.getSource("middle").setData(middle());
  }

  // What is typed may lie anywhere: the map goes there.
  function showTyped() {
    show();
    const shape = draft();
    if (!shape) return;
    const around = new LngLatBounds();
    for (const point of pointsOf(shape)) around.extend(point);
    if (!map.getBounds().contains(around.getCenter())) map.fitBounds(around, { maxZoom: 15, padding: 48 });
  }

  function write() {
    const [point] = points;
    centreField.value = mode === "Point" && point ? `${point[1]}, ${point[0]}` : "";
    shapeField.value = mode === "Polygon" && point ? JSON.stringify({ type: "Polygon", coordinates: [points] }) : "";
    if (shapeField.value) shapeField.closest("details").open = true;
    show();
  }

  function begin(kind) {
    mode = kind;
    points = [];
    for (const other of buttons) other.setAttribute("aria-pressed", String(other.dataset.draw === kind));
    map.getCanvas().style.cursor = "crosshair";
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      begin(button.dataset.draw);
      write();
    });
  }
  // A depot is mostly a circle: its middle may be clicked at once.
  if (!shapeField.value) begin("Point");
  document.querySelector("button[data-undo]").addEventListener("click", () => {
    points.pop();
    write();
  });
  map.on("load", () => {
    map.on("click", ({ lngLat }) => {
      if (mode === null) return;
      const point = [Number(lngLat.lng.toFixed(6)), Number(lngLat.lat.toFixed(6))];
      points = mode === "Point" ? [point] : [...points, point];
      write();
    });
    shapeField.addEventListener("input", () => {
      centreField.value = "";
      showTyped();
    });
    centreField.addEventListener("input", () => {
      if (centre()) shapeField.value = "";
      showTyped();
    });
    radiusField.addEventListener("input", show);
    frame.dataset.ready = "true";
  });
}

// Enter in the field of an address asks for it; in another field it saves.
document.getElementById("address")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  document.getElementById("find-address").click();
});

orTable(frame, draw);
