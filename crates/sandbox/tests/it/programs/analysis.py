import os

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot
import pandas
import scipy.stats
import statsmodels.api

table = pandas.DataFrame({"x": range(20), "y": [2.0 * x + 1 for x in range(20)]})
assert scipy.stats.pearsonr(table.x, table.y)[0] > 0.99
fit = statsmodels.api.OLS(table.y, statsmodels.api.add_constant(table.x)).fit()
table.plot(x="x", y="y", title="line")
plot.savefig("chart.png")
plot.savefig("chart.svg")
table.to_excel("table.xlsx")
print(os.environ["OMP_NUM_THREADS"], round(fit.params["x"], 9))
