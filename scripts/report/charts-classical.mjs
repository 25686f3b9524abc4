// Chart (4): the 8-bit network beside classical estimators.
import { lite, networkName } from './networks.mjs';
import { DASHES, GREY, SOLID, colours, logScale, nominal, photonAxis, strokeLegend } from './render.mjs';

/** (4) RMSE against photons: the 8-bit network, classical estimators, the limit. */
export function classicalChart(study) {
  const network = lite(study).eightBit;
  if (!network || study.classical.length === 0) return null;
  const curve = (name, figures) =>
    study.photons
      .filter((photons) => typeof figures[photons] === 'number')
      .map((photons) => ({ name, photons, rmseNs: figures[photons] }));
  const values = [
    ...curve('Bayes limit', network.bayesRmseNs),
    ...curve(`${networkName(network)}, 8 bit`, network.rmseNs),
    ...study.classical.flatMap((estimator) => curve(estimator.title, estimator.rmseNs)),
  ];
  const names = [...new Set(values.map((value) => value.name))];
  const y = logScale(values.map((value) => value.rmseNs));
  const encoding = {
    x: photonAxis(study.photons),
    y: {
      field: 'rmseNs',
      type: 'quantitative',
      scale: y.scale,
      axis: { values: y.values, format: '~g' },
      title: 'RMSE of tau_amp (ns)',
    },
    color: { ...nominal('name', null, names, [GREY, ...colours]), legend: strokeLegend },
  };
  const dashes = [DASHES, ...names.slice(1).map(() => SOLID)];
  return {
    width: 520,
    height: 340,
    data: { values },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          ...encoding,
          strokeDash: { ...nominal('name', null, names, dashes), legend: strokeLegend },
        },
      },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding },
    ],
  };
}
