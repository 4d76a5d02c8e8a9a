# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportCallIssue=false
"""Finds and times the trips of one library, in the peers' environment, as JSON on the last line.

`peer_worker.py (trackintel|movingpandas) POSITIONS.parquet`. The time does not include reading the
file, building the library's own table, and a first warm run; the rule is 100 m and 5 minutes,
one core.
"""

import json
import sys
import time
import warnings

import geopandas as gpd
import pandas as pd

warnings.filterwarnings("ignore")


def read(path: str) -> gpd.GeoDataFrame:
    table = pd.read_parquet(path)[["device", "ts", "lat", "lon"]]
    table = table.drop_duplicates(subset=["device", "ts"]).sort_values(["device", "ts"])
    table["ts"] = table["ts"].astype("datetime64[ns, UTC]")
    points = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def trackintel(table: gpd.GeoDataFrame):
    import trackintel as ti

    codes, names = pd.factorize(table["device"])
    fixes = gpd.GeoDataFrame(
        {"user_id": codes, "tracked_at": table["ts"].to_numpy()}, geometry=table.geometry.to_numpy()
    ).set_crs("EPSG:4326")
    fixes["tracked_at"] = pd.to_datetime(fixes["tracked_at"], utc=True)
    fixes = fixes.rename_geometry("geom")
    fixes.index.name = "id"

    def run():
        known, stays = ti.preprocessing.generate_staypoints(
            ti.Positionfixes(fixes.copy()),
            method="sliding",
            distance_metric="haversine",
            dist_threshold=100,
            time_threshold=5.0,
            gap_threshold=15,
            n_jobs=1,
        )
        _, legs = ti.preprocessing.generate_triplegs(
            known, stays, method="between_staypoints", gap_threshold=15
        )
        return legs

    def spans(legs):
        rows = zip(legs["user_id"], legs["started_at"], legs["finished_at"], strict=True)
        return [(names[user], a.timestamp(), b.timestamp()) for user, a, b in rows]

    return run, spans


def movingpandas(table: gpd.GeoDataFrame):
    import movingpandas as mpd

    def run():
        tracks = mpd.TrajectoryCollection(table, traj_id_col="device", t="ts")
        parts = mpd.StopSplitter(tracks).split(
            max_diameter=100, min_duration=pd.Timedelta(minutes=5), min_length=0
        )
        return mpd.ObservationGapSplitter(parts).split(gap=pd.Timedelta(minutes=5))

    def seconds(moment: pd.Timestamp) -> float:
        return (moment.tz_localize("UTC") if moment.tz is None else moment).timestamp()

    def spans(parts):
        return [
            (
                str(part.id).split("_")[0],
                *(seconds(t) for t in (part.df.index[0], part.df.index[-1])),
            )
            for part in parts
        ]

    return run, spans


def main() -> None:
    library, path = sys.argv[1:]
    table = read(path)
    run, spans = {"trackintel": trackintel, "movingpandas": movingpandas}[library](table)
    run()
    begin = time.process_time()
    found = run()
    seconds = time.process_time() - begin
    by_device: dict[str, list[tuple[float, float]]] = {}
    for device, start, end in spans(found):
        by_device.setdefault(str(device), []).append((start, end))
    print(json.dumps({"seconds": seconds, "positions": len(table), "spans": by_device}))


if __name__ == "__main__":
    main()
