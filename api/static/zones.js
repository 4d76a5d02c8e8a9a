// The map of zones: what is there, what is proposed, and the shape that is being drawn, which goes
// into the form's field as GeoJSON. It asks no other server, unless the data names one for tiles.

import { LngLatBounds } from "./vendor/maplibre-gl/maplibre-gl.mjs";
import { collection, feature, groundMap, label, orTable } from "./ground.js";

const KNOWN = "#0b4f5c";
const PROPOSED = "#b45309";
const DRAFT = "#c2410c";
const M_PER_DEG = 111195;

const frame = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const shapeField = document.getElementById("shape");
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

function shapes(geometries) {
  return collection(geometries.map((geometry) => feature(geometry)));
}

function draft() {
  try {
    const shape = JSON.parse(shapeField.value);
    if (shape.type === "Point") return circle(shape.coordinates, Number(radiusField.value.replace(",", ".")) || 1);
    const ring = shape.coordinates[0];
    return { type: "LineString", coordinates: [...ring, ring[0]] };
  } catch {
    return null; // nothing is drawn yet, or what is typed is not finished
  }
}

function draw() {
  const known = data.zones.map((zone) => outline(zone.geometry, zone.radius_m));
  const proposed = data.proposed.map((place) => circle([place.lon, place.lat], place.radius_m));
  const first = draft();
  const bounds = new LngLatBounds();
  for (const geometry of [...known, ...proposed]) {
    for (const point of geometry.coordinates[0]) bounds.extend(point);
  }
  if (bounds.isEmpty()) bounds.extend([8, 54.5]).extend([13, 57.8]); // Denmark
  const sources = {
    known: { type: "geojson", data: shapes(known) },
    proposed: { type: "geojson", data: shapes(proposed) },
    draft: { type: "geojson", data: shapes(first ? [first] : []) },
  };
  const layers = [];
  for (const [source, colour] of Object.entries({ known: KNOWN, proposed: PROPOSED })) {
    layers.push({ id: `${source}-fill`, type: "fill", source, paint: { "fill-color": colour, "fill-opacity": 0.18 } });
    layers.push({ id: `${source}-line`, type: "line", source, paint: { "line-color": colour, "line-width": 2 } });
  }
  layers.push({ id: "draft", type: "line", source: "draft", paint: { "line-color": DRAFT, "line-width": 3 } });
  const map = groundMap(frame, data.tiles, bounds, sources, layers);
  data.zones.forEach((zone, i) => {
    const at = zone.geometry.type === "Point" ? zone.geometry.coordinates : known[i].coordinates[0][0];
    label("map-depot", zone.name, at, map);
  });
  for (const place of data.proposed) label("map-proposed", place.name, [place.lon, place.lat], map);

  let mode = null;
  let points = [];

  function show() {
    const shape = draft();
    map.getSource("draft").setData(shapes(shape ? [shape] : []));
  }

  function write() {
    if (!points.length) shapeField.value = "";
    else if (mode === "Point") shapeField.value = JSON.stringify({ type: "Point", coordinates: points[0] });
    else shapeField.value = JSON.stringify({ type: "Polygon", coordinates: [points] });
    show();
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      mode = button.dataset.draw;
      points = [];
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      if (mode === "Point" && !radiusField.value) radiusField.value = "150";
      map.getCanvas().style.cursor = "crosshair";
      write();
    });
  }
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
    shapeField.addEventListener("input", show);
    radiusField.addEventListener("input", show);
    frame.dataset.ready = "true";
  });
}

orTable(frame, draw);
