#!/usr/bin/env bash
# What a newcomer does: start, start again, log in, run a program over a table, have a table analysed, stop.
# It works in the installation of NINJA_STATE_DIR, which must be new; scripts/test.sh gives it one.
source "$(dirname "${BASH_SOURCE[0]}")/lib/steps.sh"
source "$root/scripts/lib/processes.sh"
source "$root/scripts/lib/settings.sh"
source "$root/scripts/lib/product.sh"

[[ ! -e $state/env ]] || usage 'NINJA_STATE_DIR must name a folder without an installation'
mkdir -p "$state/smoke"
cd "$state/smoke"
export XDG_CONFIG_HOME=$state/smoke
port=$(free_from 18080)
export NINJA_API_URL=http://127.0.0.1:$port
unset NINJA_API_KEY

"$root/scripts/start.sh" --yes --port "$port" --workers 2 | tee first

began=$EPOCHREALTIME
"$root/scripts/start.sh" --yes | tee second
took=$(seconds_since "$began")
((${took%.*} < 5)) || say "WARN  the second start took $took s, not under 5 s"
((${took%.*} < 20)) || fail 'that is not a machine that is busy: something was done again'
! grep -q '^start' second || fail 'the second start started something again'
! grep -q 'printed only now' second || fail 'the second start printed a password'

load_ports
ninjactl=$(program ninjactl)
sed -n 's/^  password  //p' first | "$ninjactl" login admin@localhost --password-stdin

printf 'species,grams\nadelie,3750\ngentoo,5000\nadelie,3800\n' >penguins.csv
cat >mean.py <<'EOF'
import csv, pathlib
rows = list(csv.DictReader(open("penguins.csv")))
mean = sum(int(row["grams"]) for row in rows) / len(rows)
print(f"{len(rows)} penguins")
pathlib.Path("mean.txt").write_text(f"{mean:.1f}\n")
EOF
"$ninjactl" task create --run mean.py --file penguins.csv --download made | tee output
grep -q '3 penguins' output || fail "the program's output did not arrive"
[[ $(cat "$(find made -name mean.txt)") == 4183.3 ]] || fail 'the artifact is not what the program wrote'

"$ninjactl" task analyse "$root/examples/penguins.csv" --group-by species --download report
grep -q '344 rows and 8 columns; 19 values are missing' report/report.md || fail 'the report does not say what the table has'
for made in report.html results.json cleaned.csv charts/strongest-pair.svg charts/missing.png; do
    [[ -s report/$made ]] || fail "the analysis did not make $made"
done

pids=$(cut -d' ' -f1 "$state"/run/*.pid)
"$root/scripts/stop.sh"
for pid in $pids; do
    ! started_at "$pid" >/dev/null || fail "process $pid is left"
done
say "second start $took s; nothing is left running"
