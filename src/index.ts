import { requireNode } from './host/node.js';
import { isPost, saveBegun } from './host/state.js';
import { runStep } from './host/step.js';

if (isPost()) {
  await runStep('post', async () => {
    requireNode();
    const { post } = await import('./post.js');
    await post();
  });
} else {
  await runStep('main', async () => {
    saveBegun();
    requireNode();
    const { main } = await import('./main.js');
    await main();
  });
}
