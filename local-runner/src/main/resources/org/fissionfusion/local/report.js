'use strict';
(() => {
  const results = JSON.parse(document.getElementById('results').textContent);
  const metric = results.selection.metric;
  const splits = results.splits.flatMap(s => s.scored || [s.name]);
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
    head.forEach(h => top.append(h instanceof Node ? h : element('th', h)));
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
      const label = (soup.labels || {})[split];
      if (label) cell.append(element('br'), element('small', label));
      return cell;
    }),
    soup.ingredients.filter(i => i.accepted).length + ' of ' + soup.ingredients.length,
    String(soup.tastings), String(soup.epochs)])));

  /** A row per strategy, a column per split and baseline. */
  function compare(rows) {
    if (!rows.length) {
      byId('comparisons').append(element('p', 'No comparison was made.', 'soft'));
      return;
    }
    const values = key => [...new Set(rows.map(r => r[key]))];
    const columns = values('split').flatMap(split => values('baseline').map(baseline => ({split, baseline})));
    const order = global.map(s => s.name), strategies = values('strategy').sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const first = c => c.baseline === columns[0].baseline ? 'split' : '';
    const head = columns.map(c => element('th', c.split + ' − ' + c.baseline, first(c)));
    byId('comparisons').append(table(['strategy', ...head], strategies.map(strategy => [strategy, ...columns.map(c => {
      const found = rows.find(r => r.strategy === strategy && r.split === c.split && r.baseline === c.baseline);
      if (!found) return element('td', '–', first(c));
      const sure = typeof found.holm === 'number' && found.holm < 0.05;
      const cell = element('td', (found.delta > 0 ? '+' : '') + number(found.delta), first(c) + (sure ? found.delta > 0 ? ' best' : ' worse' : ''));
      cell.append(element('br'), element('small', '[' + number(found.low) + ', ' + number(found.high) + ']'), element('br'),
        element('small', 'p ' + number(found.p, 3) + ', Holm ' + number(found.holm, 3)));
      return cell;
    })])));
    byId('comparisons').append(element('p', 'Difference of ' + metric + ' to a baseline on the same resamples, its 95 % interval, p and p after Holm\u2019s correction; marked where that is below 0.05.', 'soft'));
  }
  compare(results.comparisons || []);

  /** Soups whose BatchNorm statistics were estimated anew: both forms on validation. */
  global.filter(s => s.batchNorm).forEach(soup => {
    const form = name => (((soup.batchNorm[name] || {}).scores || {}).validation || {})[metric];
    const told = name => name + ' ' + (form(name) ? number(form(name).value) : '–');
    byId('strategies').append(element('p', soup.name + ': BatchNorm statistics ' + told('plain') + ', ' + told('reestimated')
      + ' on validation; served: ' + (soup.batchNorm.served || '–') + (soup.batchNorm.failure ? ' (' + soup.batchNorm.failure + ')' : ''), 'soft'));
  });

  /** A row per level of each column of each split, a column per strategy. */
  function divide() {
    const rows = [];
    splits.forEach(split => {
      const levels = new Map();
      global.forEach(soup => Object.entries((soup.subgroups || {})[split] || {}).forEach(([column, parts]) =>
        Object.entries(parts).forEach(([level, part]) => levels.set(column + '\n' + level, {column, level, images: part.images}))));
      levels.forEach(({column, level, images}) => rows.push([split, column, level, String(images), ...global.map(soup => {
        const part = (((soup.subgroups || {})[split] || {})[column] || {})[level] || {}, v = part[metric];
        if (!v) return element('td', part.verdict || '–', 'soft');
        const cell = element('td', number(v.value) + ' ');
        cell.append(element('small', '[' + number(v.low) + ', ' + number(v.high) + ']'));
        return cell;
      })]));
    });
    byId('subgroups').append(rows.length
      ? table(['split', 'property', 'value', 'images', ...global.map(s => s.name)], rows)
      : element('p', 'No property of the images is known that divides them.', 'soft'));
    if (rows.length) byId('subgroups').append(element('p', metric + ' and its 95 % interval; parts of fewer than 30 images are too few.', 'soft'));
  }
  divide();

  /** A row per finding of each multilabel split, a column per strategy. */
  function findings() {
    const rows = splits.flatMap(split => Object.entries((((global.find(s => s.findings) || {}).findings || {})[split]) || {})
      .map(([name, counts]) => [split, name, String(counts.positives), String(counts.negatives), ...global.map(soup => {
        const v = ((((soup.findings || {})[split] || {})[name]) || {}).auroc;
        if (!v) return element('td', '–');
        const cell = element('td', number(v.value) + ' ');
        cell.append(element('small', '[' + number(v.low) + ', ' + number(v.high) + ']'));
        return cell;
      })]));
    if (!rows.length) {
      byId('perFinding').remove();
      return;
    }
    byId('findings').append(table(['split', 'finding', 'present', 'absent', ...global.map(s => s.name)], rows),
      element('p', 'AUROC of each finding over the images of which it is known, with its 95 % interval.', 'soft'));
  }
  findings();

  /** A row per strategy: its temperature, and what that does to each split. */
  function calibrate() {
    const fitted = global.filter(s => s.calibration);
    if (!fitted.length) {
      byId('calibration').append(element('p', 'No temperature was fitted.', 'soft'));
      return;
    }
    const measures = [['ece', 'ECE'], ['brier', 'Brier'], ['log-loss', 'log loss']];
    byId('calibration').append(table(['strategy', 'temperature', ...splits], fitted.map(soup => [soup.name, number(soup.calibration.temperature, 3),
      ...splits.map(split => {
        const changes = soup.calibration.splits[split] || {}, cell = element('td');
        measures.filter(([key]) => changes[key]).forEach(([key, name]) =>
          cell.append(element('small', name + ' ' + number(changes[key].before) + ' → ' + number(changes[key].after)), element('br')));
        return cell;
      })])));
    byId('calibration').append(element('p', 'One temperature per soup, fitted on validation; it changes probabilities, never a decision or a weight.', 'soft'));
  }
  calibrate();

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
      .map(p => ({value: [p.a.value, p.b.value], name: p.t.level === 'global' ? p.t.name : short(p.t.id), a: p.a, b: p.b}));
    const series = (name, things, symbol, size, color, label) => ({name, type: 'scatter', symbol, symbolSize: size, data: points(things),
      itemStyle: {color, opacity: 0.85}, z: label ? 5 : 3,
      label: label ? {show: true, position: 'right', formatter: p => p.name, textBorderColor: '#fff', textBorderWidth: 2} : undefined,
      labelLayout: {hideOverlap: true, moveOverlap: 'shiftY'}});
    const line = (name, v) => escape(name) + ' ' + number(v.value) + ' [' + number(v.low) + ', ' + number(v.high) + ']';
    scatter.setOption({
      animation: false,
      legend: {top: 0}, grid: {left: 64, right: 110, top: 40, bottom: 48},
      tooltip: {formatter: p => escape(p.name) + '<br>' + line(x, p.data.a) + '<br>' + line(y, p.data.b)},
      xAxis: {name: x, nameLocation: 'middle', nameGap: 28, scale: true}, yAxis: {name: y, scale: true},
      series: [
        series('grid search', results.checkpoints.filter(c => c.pool === 'gridSearch'), 'emptyCircle', 8, '#8a94a3'),
        series('fine-tuned', results.checkpoints.filter(c => c.stage !== 'fission' && c.pool !== 'gridSearch'), 'circle', 9, '#4f7cc4'),
        series('fission', results.checkpoints.filter(c => c.stage === 'fission'), 'circle', 6, '#35a3a0'),
        series('local soups', results.soups.filter(s => s.level === 'local'), 'rect', 9, '#e0a030'),
        series('strategies', global, 'diamond', 15, '#b03a6b', true)]
    }, true);
  }
  drawScatter();

  const soups = new Map(results.soups.map(s => [s.id, s]));
  const lineage = chart('lineage');
  const colour = accepted => accepted ? '#1c7c3a' : '#a02c2c';
  const ofGroup = soup => Object.entries(soup.group || {}).map(([k, v]) => k + ' ' + (k === 'learningRate' ? v.toExponential() : v)).join(', ');

  /** A soup or checkpoint as a node of the tree; the name is what is drawn. */
  function node(id, accepted, tasted) {
    const soup = soups.get(id), own = soup ? (soup.level === 'global' ? soup.name : ofGroup(soup) || short(id)) + ' · ' + soup.method : short(id);
    return {name: own + (tasted === undefined || tasted === null ? '' : '  ' + number(tasted)),
      itemStyle: {color: colour(accepted), borderColor: colour(accepted)}, lineStyle: {color: accepted ? '#9dc9a8' : '#ecd9d9'},
      symbol: soup ? 'rect' : 'circle',
      children: soup ? soup.ingredients.map(i => node(i.id, i.accepted, i.tasted)) : undefined};
  }
  const leaves = n => n.children && n.children.length ? n.children.reduce((sum, c) => sum + leaves(c), 0) : 1;
  function drawLineage() {
    const soup = global.find(s => s.id === byId('strategy').value);
    const v = score(soup, 'validation', metric), root = node(soup.id, true, v ? v.value : undefined);
    byId('lineage').style.height = Math.max(90, 24 * leaves(root) + 20) + 'px';
    lineage.resize();
    lineage.setOption({animation: false, series: [{type: 'tree', data: [root], orient: 'LR', initialTreeDepth: -1, expandAndCollapse: false,
      left: 12, right: 330, top: 10, bottom: 10, symbolSize: 9, edgeShape: 'curve', roam: false,
      label: {position: 'bottom', distance: 6, align: 'left', verticalAlign: 'top', fontSize: 11},
      leaves: {label: {position: 'right', align: 'left', verticalAlign: 'middle'}}}]}, true);
  }
  global.forEach(s => { const o = element('option', s.name); o.value = s.id; byId('strategy').append(o); });
  const deepest = [...global].reverse().find(s => s.ingredients.some(i => soups.has(i.id))) || global[global.length - 1];
  if (deepest) {
    byId('strategy').value = deepest.id;
    byId('strategy').addEventListener('change', drawLineage);
    drawLineage();
  }

  function branch(soup) {
    const details = element('details'), v = score(soup, 'validation', metric);
    const group = ofGroup(soup);
    details.append(element('summary', soup.name + (group ? ' · ' + group : '') + ' · ' + soup.method + ' · validation ' + (v ? number(v.value) : '–')));
    const list = element('ul');
    soup.ingredients.forEach(i => {
      const item = element('li');
      const text = (i.accepted ? '✓ ' : '✗ ') + short(i.id) + (i.tasted === undefined || i.tasted === null ? '' : ' · tasted ' + number(i.tasted));
      if (soups.has(i.id)) {
        item.append(element('span', text, i.accepted ? 'yes' : 'no'), branch(soups.get(i.id)));
      } else {
        item.append(element('span', text, (i.accepted ? 'yes' : 'no') + ' mono'));
      }
      list.append(item);
    });
    details.append(list);
    return details;
  }
  const all = element('details');
  all.append(element('summary', 'All of them as a list'), ...global.map(branch));
  byId('tree').append(all);

  function curves(id, title, lines, log) {
    chart(id).setOption({
      animation: false, title: {text: title, textStyle: {fontSize: 14}},
      legend: {type: 'scroll', bottom: 0}, grid: {left: 64, right: 20, top: 36, bottom: 70},
      tooltip: {trigger: 'item', formatter: p => escape(p.seriesName) + '<br>epoch ' + p.value[0] + ': ' + Number(p.value[1]).toPrecision(4)},
      xAxis: {name: 'epoch', nameLocation: 'middle', nameGap: 24, minInterval: 1, min: 'dataMin'}, yAxis: {type: log ? 'log' : 'value', scale: true, axisLabel: log ? {formatter: v => v.toExponential(0)} : {}},
      series: lines.map(l => ({name: l.name, type: 'line', showSymbol: true, symbolSize: 4, data: l.data}))
    });
  }
  const tasks = results.tasks || [], learned = tasks.filter(t => t.stage !== 'batch-norm');
  curves('rates', 'Learning rate at the end of an epoch', learned.map(t => ({name: short(t.id),
    data: t.epochs.filter(e => e.learningRate > 0).map(e => [e.epoch, e.learningRate])})), true);
  curves('losses', 'Validation loss', learned.map(t => ({name: short(t.id),
    data: t.epochs.filter(e => e.validationLoss !== undefined).map(e => [e.epoch, e.validationLoss])})), false);

  const cost = results.cost;
  byId('cost').append(table(['', 'epochs'], [
    ['fine-tuning and fission, planned', String(cost.plannedEpochs)],
    ['fine-tuning and fission, spent', String(cost.spentEpochs)],
    ['linear probe', String(cost.probeEpochs)],
    ['grid-search pool, spent', String(cost.gridEpochs)],
    ['a grid search of these rates would plan', String(cost.plannedGridEpochs) + ' (' + number(cost.ratio, 2) + ' ×)']]));
  byId('cost').append(table(['', 'seconds'], [...Object.entries(cost.seconds).filter(([k]) => !['start', 'stop', 'wall'].includes(k)).map(([k, v]) => [k + ', all workers', number(v, 1)]),
    ...(cost.seconds.wall ? [['from start to end', number(cost.seconds.wall, 1)]] : [])]));
  tasks.filter(t => t.status === 'FAILED').forEach(t => byId('made').append(element('p', short(t.id) + ' was lost: ' + t.failure, 'no')));
  byId('made').append(element('p', Object.entries(results.versions || {}).map(([k, v]) => k + ' ' + v).join(' · '), 'soft mono'));
  window.addEventListener('resize', () => charts.forEach(c => c.resize()));
})();
