"""Body mass of the penguins by species and sex: a table on the screen, another in summary.csv."""
import csv
from collections import defaultdict
from statistics import mean, median, stdev

groups, left_out = defaultdict(list), 0
with open("penguins.csv", newline="") as file:
    for row in csv.DictReader(file):
        if "NA" in (row["body_mass_g"], row["sex"]):
            left_out += 1
        else:
            groups[row["species"], row["sex"]].append(float(row["body_mass_g"]))

with open("summary.csv", "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(["species", "sex", "n", "mean_g", "median_g", "sd_g"])
    for (species, sex), mass in sorted(groups.items()):
        out.writerow([species, sex, len(mass), round(mean(mass), 1), median(mass), round(stdev(mass), 1)])
        print(f"{species:9} {sex:6} {len(mass):3} penguins, {mean(mass):7.1f} g on average")
print(f"{left_out} of {left_out + sum(map(len, groups.values()))} left out: mass or sex not recorded")
