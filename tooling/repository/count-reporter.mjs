/**
 * Ends a vitest run with the one line that programs read, `N passed, N failed`, after naming every skipped test with its
 * reason, and every test that passed at the second attempt with the error of the first: it may have met a real fault that shows
 * rarely. A test says why it is skipped in its name or through `context.skip(reason)`.
 *
 * @implements {import('vitest/reporters').Reporter}
 */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed' || result.state === 'failed') counts[result.state]++;
        if (test.diagnostic()?.flaky) {
          const [reason = ''] = (result.errors?.[0]?.message ?? '').split('\n');
          console.log(`passed at the second attempt: ${test.project.name} > ${test.fullName}: ${reason}`);
        }
        if (result.state === 'skipped' || result.state === 'pending') {
          counts.skipped++;
          const reason = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
          console.log(`skipped: ${test.fullName}${reason}`);
        }
      }
    }
    this.line = `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
    console.log(`\n${this.line}`);
  }
}
