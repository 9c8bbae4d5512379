'use strict';
(() => {
  const results = JSON.parse(document.getElementById('results').textContent);
  const metric = results.selection.metric;
  const splits = results.splits.map(s => s.name).filter(n => n !== 'train');
  const global = results.soups.filter(s => s.level === 'global');
  const byId = id => document.getElementById(id);
  const short = id => id.startsWith(results.experiment + '/') ? id.slice(results.experiment.length + 1) : id;
  const number = (v, digits) => v === null || v === undefined ? '–' : v.toFixed(digits === undefined ? 4 : digits);
  const score = (thing, split, name) => ((thing.scores || {})[split] || {})[name];

  function element(name, text, className) {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  }

  function table(head, rows) {
    const node = element('table'), top = element('tr');
    head.forEach(h => top.append(element('th', h)));
    node.append(top);
    rows.forEach(cells => {
      const row = element('tr');
      cells.forEach(cell => row.append(cell instanceof Node ? cell : element('td', cell)));
      node.append(row);
    });
    return node;
  }

  byId('title').textContent = results.experiment;
  byId('subtitle').textContent = 'Selected by ' + metric + ' on validation · ' + results.checkpoints.length + ' checkpoints · '
    + results.soups.length + ' soups';
  byId('digest').textContent = 'request ' + results.requestDigest;
  (results.notes || []).forEach(n => byId('notes').append(element('p', n, 'no')));

  const bestOf = {};
  splits.forEach(split => {
    bestOf[split] = Math.max(...global.map(s => (score(s, split, metric) || {value: -Infinity}).value));
  });
  byId('strategies').append(table(['strategy', ...splits, 'ingredients', 'tastings', 'epochs'], global.map(soup => [
    soup.name,
    ...splits.map(split => {
      const v = score(soup, split, metric);
      if (!v) return element('td', '–');
      const cell = element('td', number(v.value) + ' ', v.value === bestOf[split] ? 'best' : '');
      cell.append(element('small', '[' + number(v.low) + ', ' + number(v.high) + ']'));
      return cell;
    }),
    soup.ingredients.filter(i => i.accepted).length + ' of ' + soup.ingredients.length,
    String(soup.tastings), String(soup.epochs)])));

  if (results.comparisons && results.comparisons.length) {
    byId('comparisons').append(table(['split', 'strategy', 'against', 'difference', '95 %', 'p', 'p (Holm)'],
      results.comparisons.map(c => [c.split, c.strategy, c.baseline, number(c.delta),
        '[' + number(c.low) + ', ' + number(c.high) + ']', number(c.p, 3),
        element('td', number(c.holm, 3), c.holm !== null && c.holm !== undefined && c.holm < 0.05 ? 'best' : '')])));
  } else {
    byId('comparisons').append(element('p', 'No comparison was made.', 'soft'));
  }

  const escape = text => echarts.format.encodeHTML(String(text));
  const names = new Set();
  [...results.checkpoints, ...results.soups].forEach(t => Object.values(t.scores || {}).forEach(s => Object.keys(s).forEach(k => names.add(k))));
  function fill(select, values, chosen) {
    values.forEach(v => { const o = element('option', v); o.value = v; o.selected = v === chosen; select.append(o); });
    select.addEventListener('change', drawScatter);
  }
  const charts = [];
  const chart = id => { const c = echarts.init(byId(id)); charts.push(c); return c; };
  const scatter = chart('scatter');
  fill(byId('metric'), [...names].sort(), metric);
  fill(byId('across'), splits, splits.includes('test') ? 'test' : splits[0]);
  fill(byId('up'), splits, splits[splits.length - 1]);

  function drawScatter() {
    const m = byId('metric').value, x = byId('across').value, y = byId('up').value;
    const points = things => things.map(t => ({a: score(t, x, m), b: score(t, y, m), t})).filter(p => p.a && p.b)
      .map(p => ({value: [p.a.value, p.b.value], name: p.t.name ? p.t.name + ' ' + short(p.t.id) : short(p.t.id)}));
    const series = (name, things, symbol, size, label) => ({name, type: 'scatter', symbol, symbolSize: size, data: points(things),
      label: label ? {show: true, position: 'right', formatter: p => p.name.split(' ')[0]} : undefined, labelLayout: {hideOverlap: true}});
    scatter.setOption({
      animation: false,
      legend: {top: 0}, grid: {left: 64, right: 96, top: 40, bottom: 48},
      tooltip: {formatter: p => escape(p.name) + '<br>' + escape(x) + ' ' + number(p.value[0]) + '<br>' + escape(y) + ' ' + number(p.value[1])},
      xAxis: {name: x, nameLocation: 'middle', nameGap: 28, scale: true}, yAxis: {name: y, scale: true},
      series: [
        series('fine-tuned', results.checkpoints.filter(c => c.stage !== 'fission' && c.pool !== 'gridSearch'), 'circle', 8),
        series('fission', results.checkpoints.filter(c => c.stage === 'fission'), 'circle', 6),
        series('grid search', results.checkpoints.filter(c => c.pool === 'gridSearch'), 'emptyCircle', 8),
        series('local soups', results.soups.filter(s => s.level === 'local'), 'rect', 9),
        series('strategies', global, 'diamond', 15, true)]
    }, true);
  }
  drawScatter();

  const soups = new Map(results.soups.map(s => [s.id, s]));
  function branch(soup, open) {
    const node = element('details');
    node.open = open;
    const v = score(soup, 'validation', metric);
    const group = Object.entries(soup.group || {}).map(([k, g]) => k + ' ' + g).join(', ');
    node.append(element('summary', soup.name + (group ? ' · ' + group : '') + ' · ' + soup.method + ' · validation ' + (v ? number(v.value) : '–')));
    const list = element('ul');
    soup.ingredients.forEach(i => {
      const item = element('li');
      const text = (i.accepted ? '✓ ' : '✗ ') + short(i.id) + (i.tasted === undefined || i.tasted === null ? '' : ' · tasted ' + number(i.tasted));
      if (soups.has(i.id)) {
        item.append(element('span', text, i.accepted ? 'yes' : 'no'), branch(soups.get(i.id), false));
      } else {
        item.append(element('span', text, (i.accepted ? 'yes' : 'no') + ' mono'));
      }
      list.append(item);
    });
    node.append(list);
    return node;
  }
  global.forEach((s, i) => byId('tree').append(branch(s, i === global.length - 1)));

  function curves(id, title, type, lines, log) {
    chart(id).setOption({
      animation: false, title: {text: title, textStyle: {fontSize: 14}},
      legend: {type: 'scroll', bottom: 0}, grid: {left: 64, right: 16, top: 36, bottom: 64},
      tooltip: {trigger: 'item', formatter: p => escape(p.seriesName) + '<br>epoch ' + p.value[0] + ': ' + Number(p.value[1]).toPrecision(4)},
      xAxis: {name: 'epoch', nameLocation: 'middle', nameGap: 24, minInterval: 1}, yAxis: {type: log ? 'log' : 'value', scale: true},
      series: lines.map(l => ({name: l.name, type: 'line', showSymbol: true, symbolSize: 4, data: l.data}))
    });
  }
  const tasks = results.tasks || [];
  curves('rates', 'Learning rate at the end of an epoch', 'line', tasks.map(t => ({name: short(t.id),
    data: t.epochs.filter(e => e.learningRate > 0).map(e => [e.epoch, e.learningRate])})), true);
  curves('losses', 'Validation loss', 'line', tasks.map(t => ({name: short(t.id),
    data: t.epochs.map(e => [e.epoch, e.validationLoss])})), false);

  const cost = results.cost;
  byId('cost').append(table(['', 'epochs'], [
    ['fine-tuning and fission, planned', String(cost.plannedEpochs)],
    ['fine-tuning and fission, spent', String(cost.spentEpochs)],
    ['linear probe', String(cost.probeEpochs)],
    ['grid-search pool, spent', String(cost.gridEpochs)],
    ['a grid search of these rates would plan', String(cost.plannedGridEpochs) + ' (' + number(cost.ratio, 2) + ' ×)']]));
  byId('cost').append(table(['stage', 'seconds'], Object.entries(cost.seconds).map(([k, v]) => [k, number(v, 1)])));
  tasks.filter(t => t.failure).forEach(t => byId('cost').append(element('p', short(t.id) + ' was lost: ' + t.failure, 'no')));
  byId('cost').append(element('p', Object.entries(results.versions || {}).map(([k, v]) => k + ' ' + v).join(' · '), 'soft mono'));
  window.addEventListener('resize', () => charts.forEach(c => c.resize()));
})();
