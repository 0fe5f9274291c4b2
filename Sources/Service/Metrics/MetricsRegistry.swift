// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics
internal import Synchronization

/// Metrics behind swift-metrics' interface, shown as Prometheus text (exposition format 0.0.4).
///
/// Counters are counters, gauges and meters are gauges, timers and recorders are histograms with fixed
/// buckets; timers count in seconds. Memory is bounded: at most ``maximumFamilies`` names, and
/// ``maximumSeries`` sets of labels under each. What goes beyond is counted in
/// `metrics_series_dropped_total` and otherwise ignored. Labels never name a person, a path or an
/// address: that is the callers' rule, which tests check.
public final class MetricsRegistry: MetricsFactory {
  /// Names that the registry holds at most.
  public static let maximumFamilies = 128
  /// Sets of labels that one name has at most.
  public static let maximumSeries = 256

  private struct State {
    var families: [String: MetricFamily] = [:]
    var help: [String: String] = [:]
    var dropped = 0
  }

  private let state = Mutex(State())

  /// An empty registry.
  public init() {}

  /// Says what a metric is, for `# HELP`.
  public func describe(_ name: String, _ help: String) {
    let name = MetricText.name(name)
    state.withLock { state in
      guard state.help.count < Self.maximumFamilies else { return }
      state.help[name] = help
    }
  }

  /// `build_info{version,digest} 1`: what runs. `digest` is that of the program's file.
  public func setBuildInfo(version: String, digest: String) {
    describe("build_info", "Version and digest of the program, as labels of a constant 1.")
    Gauge(
      label: "build_info", dimensions: [("version", version), ("digest", digest)], factory: self
    ).record(1)
  }

  /// The text that `GET /metrics` answers.
  public func exposition() -> String {
    let (families, help, dropped) = state.withLock { ($0.families, $0.help, $0.dropped) }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      let description = help[name] ?? name
      text += "# HELP \(name) \(MetricText.help(description))\n"
      text += "# TYPE \(name) \(family.kind.rawValue)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        text += series.text(name: name, labels: labels)
      }
    }
    let counter = "metrics_series_dropped_total"
    text += "# HELP \(counter) Metrics that were refused because there were too many.\n"
    text += "# TYPE \(counter) counter\n\(counter) \(dropped)\n"
    return text
  }

  private func series(
    _ label: String, _ dimensions: [(String, String)], _ kind: MetricKind,
    _ buckets: [Double] = []
  ) -> MetricSeries {
    let name = MetricText.name(label)
    let labels = MetricText.labels(dimensions)
    return state.withLock { state in
      var family = state.families[name] ?? MetricFamily(kind: kind)
      if let found = family.series[labels], family.kind == kind { return found }
      let fits =
        family.kind == kind && family.series.count < Self.maximumSeries
        && (state.families[name] != nil || state.families.count < Self.maximumFamilies)
      let series = MetricSeries(kind: kind, buckets: buckets)
      guard fits else {
        state.dropped += 1
        return series
      }
      family.series[labels] = series
      state.families[name] = family
      return series
    }
  }

  /// A counter.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  /// A counter of fractions.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter)
  }

  /// A gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  /// A histogram; a gauge if it does not aggregate.
  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate
      ? series(label, dimensions, .histogram, MetricSeries.sizeBuckets)
      : series(label, dimensions, .gauge)
  }

  /// A histogram of seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram, MetricSeries.secondBuckets)
  }

  /// Nothing: a series stays for as long as the process, so that counters never fall.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// Nothing.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  /// Nothing.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// Nothing.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// Nothing.
  public func destroyTimer(_ handler: any TimerHandler) {}
}

/// The types of the exposition format that are used.
enum MetricKind: String {
  case counter, gauge, histogram
}

/// All series of one name.
struct MetricFamily {
  let kind: MetricKind
  var series: [String: MetricSeries] = [:]
}
