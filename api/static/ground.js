// The map that the pages draw on: plain ground with a grid, or tiles where a setting names a server.
// It asks no other server, and neither one finger nor the plain wheel moves it: they scroll the page.

import {
  Map,
  Marker,
  NavigationControl,
  ScaleControl,
} from "./vendor/maplibre-gl/maplibre-gl.mjs";

const GROUND = "#e9efec";
const GRID = "#dbe4df";
const GRID_DEG = [0.016, 0.009]; // about a kilometre each way in Denmark
const NAME_PX = 150; // room for a name to the right of its place

export function collection(features) {
  return { type: "FeatureCollection", features };
}

export function feature(geometry, id) {
  return { type: "Feature", id, properties: {}, geometry };
}

export function line(coordinates, id) {
  return feature({ type: "LineString", coordinates }, id);
}

export function label(className, text, lngLat, map) {
  const element = document.createElement("div");
  element.className = className;
  element.textContent = text;
  return new Marker({ element, anchor: "left" }).setLngLat(lngLat).addTo(map);
}

// Room around what is shown, so that names at its edge can be read.
export function padding(frame) {
  return { top: 48, bottom: 48, left: 48, right: Math.min(NAME_PX, frame.clientWidth / 3) };
}

// Lines a kilometre apart, wide around what is shown: a sense of scale where there are no tiles.
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

// A map in `frame` of `bounds`, with `layers` of `sources` on the ground. Its words are the frame's.
export function groundMap(frame, tilesUrl, bounds, sources, layers) {
  const words = frame.dataset;
  const ground = [{ id: "ground", type: "background", paint: { "background-color": GROUND } }];
  const under = {};
  if (tilesUrl) {
    const tiles = new URL(tilesUrl, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}");
    under.tiles = { type: "raster", tiles: [tiles], tileSize: 256 };
    ground.push({
      id: "tiles",
      type: "raster",
      source: "tiles",
      paint: { "raster-saturation": -0.6, "raster-opacity": 0.8 },
    });
  } else {
    under.grid = { type: "geojson", data: grid(bounds) };
    ground.push({ id: "grid", type: "line", source: "grid", paint: { "line-color": GRID } });
  }
  const map = new Map({
    container: frame,
    style: { version: 8, sources: { ...under, ...sources }, layers: [...ground, ...layers] },
    bounds,
    fitBoundsOptions: { padding: padding(frame), maxZoom: 15 },
    attributionControl: false,
    cooperativeGestures: true,
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
  return map;
}

// No WebGL: the table beside the map holds the same.
export function orTable(frame, draw) {
  try {
    draw();
  } catch (error) {
    console.warn(error);
    frame.hidden = true;
    document.querySelector(".map-failed").hidden = false;
  }
}
