// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Metrics
import Service
import Testing

/// The exposition, which a scraper must be able to read, and which must not grow.
@Suite struct MetricsTests {
  @Test func wholeExposition() {
    let registry = MetricsRegistry()
    registry.describe("a_total", "Things\nwith \\ and \"quotes\".")
    Counter(label: "a_total", dimensions: [("z", "1"), ("b", "x\"y\\z\nw")], factory: registry)
      .increment(by: 3)
    Counter(label: "a_total", dimensions: [("b", "x\"y\\z\nw"), ("z", "1")], factory: registry)
      .increment()
    Gauge(label: "bad name-1", factory: registry).record(-2.5)
    let meter = Meter(label: "level", factory: registry)
    meter.set(5)
    meter.decrement(by: 1.5)
    let timer = Timer(label: "t_seconds", dimensions: [("handler", "/x")], factory: registry)
    timer.recordNanoseconds(2_000_000)
    timer.recordNanoseconds(3_000_000_000)
    timer.recordNanoseconds(500_000_000_000)
    registry.setBuildInfo(version: "1.2", digest: "ab")
    let text = registry.exposition()
    let expected = #"""
      # HELP a_total Things\nwith \\ and "quotes".
      # TYPE a_total counter
      a_total{b="x\"y\\z\nw",z="1"} 4
      # HELP bad_name_1 bad_name_1
      # TYPE bad_name_1 gauge
      bad_name_1 -2.5
      # HELP build_info Version and digest of the program, as labels of a constant 1.
      # TYPE build_info gauge
      build_info{digest="ab",version="1.2"} 1
      # HELP level level
      # TYPE level gauge
      level 3.5
      # HELP t_seconds t_seconds
      # TYPE t_seconds histogram
      t_seconds_bucket{handler="/x",le="0.001"} 0
      t_seconds_bucket{handler="/x",le="0.0025"} 1
      t_seconds_bucket{handler="/x",le="0.005"} 1
      t_seconds_bucket{handler="/x",le="0.01"} 1
      t_seconds_bucket{handler="/x",le="0.025"} 1
      t_seconds_bucket{handler="/x",le="0.05"} 1
      t_seconds_bucket{handler="/x",le="0.1"} 1
      t_seconds_bucket{handler="/x",le="0.25"} 1
      t_seconds_bucket{handler="/x",le="0.5"} 1
      t_seconds_bucket{handler="/x",le="1"} 1
      t_seconds_bucket{handler="/x",le="2.5"} 1
      t_seconds_bucket{handler="/x",le="5"} 2
      t_seconds_bucket{handler="/x",le="10"} 2
      t_seconds_bucket{handler="/x",le="30"} 2
      t_seconds_bucket{handler="/x",le="60"} 2
      t_seconds_bucket{handler="/x",le="120"} 2
      t_seconds_bucket{handler="/x",le="+Inf"} 3
      t_seconds_sum{handler="/x"} 503.002
      t_seconds_count{handler="/x"} 3
      # HELP metrics_series_dropped_total Metrics that were refused because there were too many.
      # TYPE metrics_series_dropped_total counter
      metrics_series_dropped_total 0

      """#
    #expect(text == expected)
  }

  @Test func memoryIsBounded() {
    let registry = MetricsRegistry()
    for number in 0..<1000 {
      Counter(label: "many", dimensions: [("n", "\(number)")], factory: registry).increment()
      Counter(label: "name_\(number)", factory: registry).increment()
    }
    let lines = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
    // 256 sets of labels, 127 other names, and the counter of what was dropped.
    #expect(lines.count == MetricsRegistry.maximumSeries + MetricsRegistry.maximumFamilies - 1 + 1)
    #expect(lines.last == "metrics_series_dropped_total \(1000 - 256 + 1000 - 127)")
  }

  /// One name as a counter and as a gauge: the first stays what it was.
  @Test func kindsDoNotMix() {
    let registry = MetricsRegistry()
    Counter(label: "x", factory: registry).increment()
    Gauge(label: "x", factory: registry).record(7)
    #expect(registry.exposition().contains("# TYPE x counter\nx 1\n"))
  }

  /// Labels of requests are patterns of routes: whatever is in a path stays out of them.
  @Test func requestsAreCountedByPattern() async throws {
    try await TestServer.run { server in
      for path in ["/tile/secret1", "/tile/secret2", "/nothing/secret3", "/fault/secret4"] {
        _ = try await server.fetch(path)
      }
      _ = try await server.fetch("/tile/secret5", method: "DELETE")
      let answer = try await server.fetch("/metrics")
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(
        text.contains(#"http_requests_total{code="200",handler="/tile/{name}"} 2"#), "\(text)")
      #expect(
        text.contains(#"http_requests_total{code="405",handler="/tile/{name}"} 1"#), "\(text)")
      #expect(text.contains(#"http_requests_total{code="404",handler="none"} 1"#), "\(text)")
      #expect(text.contains(#"http_requests_total{code="500",handler="/fault/{code}"} 1"#))
      #expect(text.contains(#"http_request_duration_seconds_count{handler="/tile/{name}"} 3"#))
      #expect(!text.contains("secret"), "\(text)")
    }
  }
}
