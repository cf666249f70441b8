-- Tasks that no worker has heard of: their message is on its way, or lost. Those whose metadata holds the request can
-- be run without it; of the others an operator is told. Two indexes, so that a backlog of the one kind never has to be
-- read through to find the other.
CREATE INDEX tasks_unannounced ON tasks (run_at)
  WHERE status = 'pending' AND request IS NULL
    AND (jsonb_typeof(metadata) = 'object' AND CASE type
      WHEN 'concept_generation' THEN metadata ?& ARRAY['logo_description', 'theme_description']
      WHEN 'concept_refinement' THEN metadata ?& ARRAY['refinement_prompt', 'original_image_url'] END) IS TRUE;
CREATE INDEX tasks_without_request ON tasks (run_at)
  WHERE status = 'pending' AND request IS NULL
    AND (jsonb_typeof(metadata) = 'object' AND CASE type
      WHEN 'concept_generation' THEN metadata ?& ARRAY['logo_description', 'theme_description']
      WHEN 'concept_refinement' THEN metadata ?& ARRAY['refinement_prompt', 'original_image_url'] END) IS NOT TRUE;
