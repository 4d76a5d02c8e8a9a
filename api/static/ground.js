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
const GRID_KM = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]; // how far apart lines may be
const GRID_LINES = 16; // at most so many each way, however far the map is zoomed out
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

// Lines some whole kilometres apart, wide around what is shown: a sense of scale where there are no
// tiles.
function grid(bounds) {
  const wide = bounds.getEast() - bounds.getWest();
  const high = bounds.getNorth() - bounds.getSouth();
  const km = GRID_KM.find((km) => wide <= km * GRID_DEG[0] * GRID_LINES) ?? GRID_KM.at(-1);
  const [stepLon, stepLat] = GRID_DEG.map((deg) => deg * km);
  const [west, east] = [bounds.getWest() - wide, bounds.getEast() + wide];
  const [south, north] = [bounds.getSouth() - high, bounds.getNorth() + high];
  const lines = [];
  for (let i = Math.floor(west / stepLon); i <= east / stepLon; i++) {
    lines.push(line([[i * stepLon, south], [i * stepLon, north]]));
  }
  for (let i = Math.floor(south / stepLat); i <= north / stepLat; i++) {
    lines.push(line([[west, i * stepLat], [east, i * stepLat]]));
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
  if (under.grid) {
    const redraw = () => map.getSource("grid")?.setData(grid(map.getBounds()));
    map.on("load", redraw);
    map.on("moveend", redraw);
  }
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
