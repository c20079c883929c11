// The runtime environment of a job: every field of FlexTemplateRuntimeEnvironment a configuration may set, typed.
// Machine type, numWorkers and maxWorkers are absent on purpose: they come from the candidate alone. So is `zone`, the older name of
// workerZone: one name for one thing, and the service refuses both together.

import * as z from 'zod';

const gsFolder = z.string().regex(/^gs:\/\/[a-z0-9][a-z0-9._-]+(\/.*)?$/, 'must be a gs:// folder');

export const environmentSchema = z
  .strictObject({
    serviceAccountEmail: z.email().optional(),
    tempLocation: gsFolder.optional().meta({ description: 'a folder; each execution gets its own sub-folder' }),
    stagingLocation: gsFolder.optional(),
    workerRegion: z.string().optional(),
    workerZone: z.string().optional(),
    network: z.string().optional(),
    subnetwork: z.string().optional(),
    ipConfiguration: z.enum(['WORKER_IP_PUBLIC', 'WORKER_IP_PRIVATE']).optional(),
    kmsKeyName: z.string().optional(),
    diskSizeGb: z.int().min(10).max(65_536).optional(),
    launcherMachineType: z.string().optional(),
    autoscalingAlgorithm: z.enum(['AUTOSCALING_ALGORITHM_NONE', 'AUTOSCALING_ALGORITHM_BASIC']).optional(),
    flexrsGoal: z.enum(['FLEXRS_SPEED_OPTIMIZED', 'FLEXRS_COST_OPTIMIZED']).optional(),
    sdkContainerImage: z.string().optional(),
    enableStreamingEngine: z.boolean().optional(),
    streamingMode: z.enum(['STREAMING_MODE_EXACTLY_ONCE', 'STREAMING_MODE_AT_LEAST_ONCE']).optional(),
    dumpHeapOnOom: z.boolean().optional(),
    saveHeapDumpsToGcsPath: gsFolder.optional(),
    enableLauncherVmSerialPortLogging: z.boolean().optional(),
    additionalExperiments: z.array(z.string()).optional(),
    additionalPipelineOptions: z
      .array(z.string().regex(/^[A-Za-z]\w*=/, 'must be option=value without dashes'))
      .optional(),
    additionalUserLabels: z.record(z.string(), z.string()).optional(),
    launchOptions: z.record(z.string(), z.string()).optional(),
    maxRuntimeSec: z
      .int()
      .min(60)
      .max(30 * 86_400)
      .optional()
      .meta({ description: 'walltime guard; always set, default 6 h' }),
  })
  .meta({ id: 'Environment' });

export type Environment = z.output<typeof environmentSchema>;
